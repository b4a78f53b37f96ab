import type { Figures } from '../simulation/figures.ts';
import { type SoakOptions, soak } from '../simulation/soak.ts';

/** Runs many seeds of bootstraps on all cores. */
export const soakBootstraps = (options: SoakOptions): Promise<Figures> =>
  soak({ ...options, thread: new URL('./soak-thread.ts', import.meta.url) });
