import { spawn } from '@lydell/node-pty';
import { expect, onTestFinished, test } from 'vitest';
import { until, walkedOrders } from './walked-orders.ts';

const MINUTE = 60_000;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const ESC = '\u001b';

/** `millrace` in a pseudo-terminal of 140 columns and 12 rows, as a person sees it. */
function inTerminal(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { PATH = '', HOME = '' } = process.env;
  const terminal = spawn(process.execPath, ['cli/millrace.ts', ...args], {
    cols: 140,
    rows: 12,
    env: { PATH, HOME, TERM: 'xterm-256color', AWS_CONFIG_FILE: '/nonexistent', ...env },
  });
  let shown = '';
  terminal.onData((text) => {
    shown += text;
  });
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  onTestFinished(() => {
    try {
      terminal.kill('SIGKILL');
    } catch {
      // It has ended by itself.
    }
  });
  return { shown: () => shown, type: (keys: string) => terminal.write(keys), ended };
}

async function ordersOnTerminal() {
  const orders = await walkedOrders();
  await orders.write('a');
  await orders.walkUntil(1);
  return { ...orders, where: ['--endpoint', orders.endpoint, '--state-table', orders.stateTable] };
}

test(
  'a status that is watched is written over itself, in colour, until Ctrl-C',
  async () => {
    const { where } = await ordersOnTerminal();

    const terminal = inTerminal(['status', '--watch', '1', ...where]);
    await until(() => terminal.shown().split(`${ESC}[H`).length > 3);
    terminal.type(CTRL_C);

    expect(await terminal.ended).toBe(0);
    const [first = '', ...again] = terminal.shown().split(`${ESC}[H`);
    expect(first).toContain(`${ESC}[2J`);
    for (const screen of again.slice(0, 2)) {
      expect(screen.startsWith(`${ESC}[?7l`)).toBe(true);
      expect(screen).toContain(`${ESC}[?7h`);
      expect(screen.slice(5)).toMatch(/^SUBSCRIPTION .*\r\norders +walker +/);
      expect(screen).toContain(`${ESC}[32mreading${ESC}[39m`);
      expect(screen).toContain(`${ESC}[J`);
    }
  },
  MINUTE,
);

test(
  'a terminal that wants no colours gets none',
  async () => {
    const { where } = await ordersOnTerminal();

    const terminal = inTerminal(['status', ...where], { NO_COLOR: '1' });

    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).toContain('reading');
    expect(terminal.shown()).not.toContain(ESC);
  },
  MINUTE,
);

test(
  'changes are told in colour',
  async () => {
    const { tableName, where } = await ordersOnTerminal();

    const terminal = inTerminal(['tail', tableName, '--since', 'trim-horizon', '--limit', '1', ...where]);

    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).toContain(`${ESC}[32minsert${ESC}[39m`);
  },
  MINUTE,
);

test(
  'a rewind is asked for first: nothing but yes does it',
  async () => {
    const { state, run, where } = await ordersOnTerminal();
    await run('pause', 'orders');
    const answering = async (answer: string): Promise<{ readonly code: number; readonly shown: string }> => {
      const terminal = inTerminal(['rewind', 'orders', '--to', 'trim-horizon', ...where]);
      await until(() => terminal.shown().includes('[y/N]'));
      terminal.type(answer);
      return { code: await terminal.ended, shown: terminal.shown() };
    };

    const refused = await answering('\r');
    expect(refused.code).toBe(3);
    expect(refused.shown).toContain('delivered again: every change since');
    expect((await state.pointer('orders'))?.generation).toBe(1);

    const left = await answering(CTRL_C);
    expect(left.code).toBe(130);
    expect(left.shown).toContain('nothing was changed: interrupted');
    expect((await answering(CTRL_D)).code).toBe(3);
    expect((await state.pointer('orders'))?.generation).toBe(1);

    expect((await answering('y\r')).code).toBe(0);
    expect((await state.pointer('orders'))?.generation).toBe(2);
  },
  MINUTE,
);
