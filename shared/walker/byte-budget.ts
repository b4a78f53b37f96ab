/** The memory that pages in flight may take, shared by all shards of a walk. */
export interface ByteBudget {
  /** Waits for room, first come, first served. A request larger than the whole budget waits for all of it. */
  readonly reserve: (bytes: number, signal: AbortSignal) => Promise<boolean>;
  readonly release: (bytes: number) => void;
  /** Takes without waiting: a page turned out larger than what was reserved for it. */
  readonly take: (bytes: number) => void;
  /** Whether somebody waits: then nothing should be held back to fill a batch. */
  readonly isTight: () => boolean;
}

interface Waiter {
  readonly bytes: number;
  readonly admit: (isAdmitted: boolean) => void;
}

/** A budget of so many bytes. */
export function byteBudget(totalBytes: number): ByteBudget {
  let used = 0;
  const waiters: Waiter[] = [];
  const fits = (bytes: number): boolean => used === 0 || used + bytes <= totalBytes;
  const admitWaiting = (): void => {
    while (waiters.length > 0 && fits(waiters[0]!.bytes)) {
      const waiter = waiters.shift()!;
      used += waiter.bytes;
      waiter.admit(true);
    }
  };
  return {
    reserve: (bytes, signal) => {
      if (signal.aborted) return Promise.resolve(false);
      if (waiters.length === 0 && fits(bytes)) {
        used += bytes;
        return Promise.resolve(true);
      }
      return new Promise((resolve) => {
        const giveUp = (): void => {
          const index = waiters.indexOf(waiter);
          if (index >= 0) waiters.splice(index, 1);
          resolve(false);
          admitWaiting();
        };
        const waiter: Waiter = {
          bytes,
          admit: (isAdmitted) => {
            signal.removeEventListener('abort', giveUp);
            resolve(isAdmitted);
          },
        };
        signal.addEventListener('abort', giveUp, { once: true });
        waiters.push(waiter);
      });
    },
    release: (bytes) => {
      used -= bytes;
      admitWaiting();
    },
    take: (bytes) => {
      used += bytes;
    },
    isTight: () => waiters.length > 0,
  };
}
