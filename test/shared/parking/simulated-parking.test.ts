import { simulatedParking } from '../../../shared/testing/simulated-parking.ts';
import { parkingScenarios } from '../../support/parking-scenarios.ts';

let count = 0;

parkingScenarios(
  async () => simulatedParking(),
  (prefix) => `${prefix}-${++count}`,
);
