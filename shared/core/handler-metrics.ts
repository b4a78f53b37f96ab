/** The CloudWatch namespace of every metric that Millrace writes. */
export const METRIC_NAMESPACE = 'Millrace';

/** What handlers write, with the units: apart from what walks do, so that a handler's function carries no more. */
export const HANDLER_METRICS = {
  /** Changes that were parked because their handler kept failing, or behind one that was. */
  Parked: 'Count',
  /** Items that are parked, as an invocation finds them when it begins; 25 stands for 25 or more. */
  ParkedItems: 'Count',
  /** Parked changes that a redrive handled. */
  Redriven: 'Count',
  /** Changes that the handler's functions accepted. */
  ChangesHandled: 'Count',
  /** Changes whose handler function threw. */
  ChangesFailed: 'Count',
  /** Changes of the Kinesis feed that were dropped because they had been settled before. */
  ChangesRepeated: 'Count',
  /** Changes of the Kinesis feed that were dropped because a newer one of their item had been settled. */
  ChangesSuperseded: 'Count',
  /** From a change's creation to its handling. */
  HandlerLagMilliseconds: 'Milliseconds',
  /** Changes of a single-table design that no entity matches: they are skipped. */
  ChangesUnmatched: 'Count',
} as const;
