import type { Command } from 'commander';
import { parsePositions } from '../../shared/core/positions-file.ts';
import { exportPositions } from '../../shared/operations.ts';
import { EXIT, type ExitCode } from '../output/exit-code.ts';
import { counted } from '../output/words.ts';
import { givenText, writeGiven } from './given-file.ts';
import { refusePattern } from './pattern-report.ts';
import { refuse } from './refusal.ts';
import { type MoveOptions, moveTo, withMoveOptions } from './rewind.ts';
import { type CommonOptions, type Session, sessionOf, withCommonOptions } from './session.ts';
import type { Run } from './verb.ts';

export function positionsVerbs(program: Command, run: Run): void {
  const positions = program.command('positions').description("move or copy a subscription's positions");
  withCommonOptions(
    positions
      .command('export')
      .argument('<subscription>')
      .description('print the positions as JSON, also while walks go on')
      .option('--out <file>', 'write them to a file instead'),
  ).action(
    run((subscription: string, options: CommonOptions & { readonly out?: string }) =>
      exportTo(sessionOf(options), subscription, options.out),
    ),
  );
  withMoveOptions(
    positions
      .command('import')
      .argument('<subscription>', 'paused, or not there yet')
      .argument('<file>', 'what export wrote; - reads it from the standard input')
      .description('begin a new generation at positions of a file'),
  ).action(
    run(async (subscription: string, file: string, options: MoveOptions) => {
      const given = parsePositions(givenText(file));
      const session = sessionOf(options);
      await refusePattern(session, subscription);
      return moveTo(session, subscription, { positions: given }, options);
    }),
  );
}

async function exportTo(session: Session, subscription: string, out: string | undefined): Promise<ExitCode> {
  await refusePattern(session, subscription);
  const positions = await exportPositions({ state: session.state(), clock: session.clock }, subscription);
  if (positions === null) return refuse(session, subscription, { kind: 'unknown' });
  const text = JSON.stringify(positions, null, session.isJson ? undefined : 2);
  if (out === undefined) {
    console.log(text);
    return EXIT.ok;
  }
  writeGiven(out, `${text}\n`);
  const shards = positions.streams.reduce((sum, stream) => sum + stream.shards.length, 0);
  console.log(
    session.isJson
      ? JSON.stringify({ subscription, out, shards })
      : `${out} has the positions of ${counted(shards, 'shard', 'shards')} of ${subscription}`,
  );
  return EXIT.ok;
}
