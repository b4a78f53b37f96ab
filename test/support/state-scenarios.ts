import { claimantScenarios } from './state-scenarios/claimants.ts';
import { controlScenarios } from './state-scenarios/control.ts';
import { gapScenarios } from './state-scenarios/gaps.ts';
import { leaseScenarios } from './state-scenarios/leases.ts';
import { lineageScenarios } from './state-scenarios/lineage.ts';
import type { MakeState } from './state-scenarios/rows.ts';

/** What every implementation of the State port promises; `makeState` gives an empty one at each call. */
export function stateScenarios(makeState: MakeState): void {
  controlScenarios(makeState);
  leaseScenarios(makeState);
  claimantScenarios(makeState);
  lineageScenarios(makeState);
  gapScenarios(makeState);
}
