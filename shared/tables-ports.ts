import { dynamodbTableRegistry } from './aws/dynamodb-table-registry.ts';
import { tableFinder } from './aws/table-finder.ts';
import type { TablesRequest } from './request.ts';
import type { TablesPorts } from './tables-walker.ts';
import { deliveryPorts, reportOf, sinkOf, stateClient, statePorts } from './walk-ports.ts';
import { tableClients, walkSource } from './walk-source.ts';

/** What a walk in Lambda of all tables of a pattern touches, as its request says. */
export function tablesPorts(request: TablesRequest): TablesPorts {
  const { subscription, stateTable, source } = request;
  const common = statePorts(request);
  // One for all tables, which share its connections.
  const sink = sinkOf(request);
  return {
    ...common,
    report: reportOf(request),
    registry: dynamodbTableRegistry({ client: stateClient, tableName: stateTable }),
    finder: (region) => tableFinder(tableClients(region, source.roleArn, subscription)),
    table: (own, _row, report) => ({ ...walkSource(own), ...common, ...deliveryPorts(own, sink), report }),
  };
}
