import { expect, onTestFinished, test, vi } from 'vitest';
import type { WalkSummary } from '../../shared/core/walk-event.ts';
import { parseWalkRequest } from '../../shared/request.ts';
import { walkPorts } from '../../shared/walk-ports.ts';
import { requestInput } from '../support/integration/walk-runner.ts';

const summary: WalkSummary = {
  reason: 'idle',
  openShards: 1,
  waitingShards: 0,
  finishedShards: 0,
  haltedShards: 0,
  lagMs: 0,
  durationMs: 1_000,
  records: 0,
  batches: 0,
  failures: 0,
  pages: 1,
  stateWrites: 1,
  gaps: 0,
};

/** Lambda replaces the console's methods: what goes through them gets a frame of its own, in which no metric is found. */
test("a walk's metrics are whole lines of the log, past the console, which Lambda puts into lines of its own", () => {
  const written: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => written.push(String(line)) > 0);
  const throughConsole = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  onTestFinished(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  walkPorts(parseWalkRequest(requestInput('state', 'orders'))).report({ kind: 'walk-ended', summary });

  expect(throughConsole).not.toHaveBeenCalled();
  const metrics = written.filter((line) => line.includes('"_aws"'));
  expect(metrics).toHaveLength(1);
  expect(metrics[0]).toMatch(/^\{"_aws":.*"Walks":1.*\}\n$/);
});
