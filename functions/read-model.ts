import pg from 'pg';
import { type ChangeHandler, changeHandler, type NumberValue } from '../shared/handler.ts';

interface Order {
  readonly orderId: string;
  readonly status: string;
  readonly total: number | bigint | NumberValue;
}

/** What the read model needs of PostgreSQL: a pool of `pg` has it, and so has PGlite. */
export interface Database {
  readonly query: (statement: string, values: unknown[]) => Promise<unknown>;
}

/** A deleted order stays as a row without data, so that a change which comes late cannot bring it back. */
export const CREATE_TABLE = `create table if not exists orders (
  order_id text primary key, status text, total numeric, version text collate "C" not null)`;

const UPSERT = `insert into orders as known (order_id, status, total, version) values ($1, $2, $3, $4)
  on conflict (order_id) do update
  set status = excluded.status, total = excluded.total, version = excluded.version
  where known.version < excluded.version`;

/** Keeps a table of PostgreSQL equal to one of DynamoDB: the last write wins by its version. */
export function readModel(database: Database): ChangeHandler {
  const write = (version: string, { orderId, status, total }: Order) =>
    database.query(UPSERT, [orderId, status, String(total), version]);
  return changeHandler<Order, 'NEW_AND_OLD_IMAGES', 'orderId'>({
    insert: ({ version, newImage }) => write(version, newImage),
    modify: ({ version, newImage }) => write(version, newImage),
    snapshot: ({ version, newImage }) => write(version, newImage),
    remove: ({ version, keys }) => database.query(UPSERT, [keys.orderId, null, null, version]),
  });
}

export const handler = readModel(new pg.Pool({ max: 1 }));
