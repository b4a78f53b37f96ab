export {
  type AcceptResult,
  acceptGap,
  type GapAcceptance,
} from './operations/gap-acceptance.ts';
export { type PauseResult, setPaused } from './operations/pause.ts';
export type { OperationPorts, Refusal } from './operations/ports.ts';
export { exportPositions } from './operations/positions.ts';
export { type PrepareResult, prepareStart } from './operations/preparation.ts';
export { type Loaded, loadSubscription } from './operations/reading.ts';
export {
  previewRewind,
  type RewindOptions,
  type RewindPreview,
  type RewindResult,
  type RewindTarget,
  rewind,
} from './operations/rewind.ts';
export { loadRunProgress } from './operations/run-progress.ts';
export { cancelRun, type RunCancel, type RunRequest, requestRun } from './operations/run-request.ts';
