import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbState } from '../shared/aws/dynamodb-state.ts';
import { systemClock } from '../shared/clock.ts';
import { shardMapWidget, type WidgetEvent } from '../shared/shard-map-widget.ts';

const state = dynamodbState({ client: new DynamoDBClient({}), tableName: process.env.MILLRACE_STATE_TABLE ?? '' });

/** A custom widget of a CloudWatch dashboard: draws the shards of a subscription from the state table. */
export const handler = (event: WidgetEvent): Promise<string> => shardMapWidget(event, state, systemClock.nowMs());
