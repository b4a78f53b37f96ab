import { Lazy } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { logGroupNameOf } from './log-group-name.ts';

export interface SavedQueriesProps {
  readonly pipelineName: string;
  /** The walker's log, asked for at synthesis; undefined where no subscription is walked. */
  readonly walkerLog: () => logs.ILogGroup | undefined;
  readonly handlers: () => readonly lambda.IFunction[];
}

/** What somebody puts in place of this, to look for one record. */
const WANTED = 'a sequence number, an event id or an item key';

/** Questions for CloudWatch Logs Insights that come up when something goes wrong, saved under the pipeline's name. */
export class SavedQueries extends Construct {
  private readonly props: SavedQueriesProps;

  constructor(scope: Construct, id: string, props: SavedQueriesProps) {
    super(scope, id);
    this.props = props;
    const handlerLogs = (): string[] => [...new Set(props.handlers().map(logGroupNameOf))];
    this.save('Errors', 'errors by item', handlerLogs, [
      'filter level = "ERROR" and ispresent(change.sequenceNumber)',
      // Keys are texts, which may hold quotes and braces of their own.
      'parse @message /"keys":(?<keys>\\{(?:"(?:[^"\\\\]|\\\\.)*"[:,]?)*\\})/',
      'stats count() as failures, latest(@timestamp) as last, latest(error.message) as why by keys',
      'sort failures desc',
      'limit 100',
    ]);
    this.save('History', "a record's history", () => [...this.walkerLogs(), ...handlerLogs()], [
      'fields @timestamp, level, message, subscription, coalesce(shardId, gap.shardId) as shard, detail, error.message',
      `filter @message like "${WANTED}"`,
      'sort @timestamp asc',
      'limit 1000',
    ]);
  }

  /** Adds the question that only a walker's log answers. */
  addWalker(): void {
    this.save('Slowest', 'slowest subscriptions', () => this.walkerLogs(), [
      'filter message = "walk-ended"',
      'stats max(summary.lagMs) / 60000 as lagMinutes, sum(summary.records) as records, sum(summary.failures) as failures, max(summary.durationMs) / 1000 as longestWalkSeconds by subscription',
      'sort lagMinutes desc',
    ]);
  }

  private walkerLogs(): string[] {
    const log = this.props.walkerLog();
    return log === undefined ? [] : [log.logGroupName];
  }

  private save(id: string, title: string, groups: () => string[], lines: readonly string[]): void {
    new logs.CfnQueryDefinition(this, id, {
      name: `Millrace/${this.props.pipelineName}/${title}`,
      logGroupNames: Lazy.list({ produce: groups }),
      queryString: lines.join('\n| '),
    });
  }
}
