import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { IpcCalls } from './ipc-calls.js';
import type { Reading, Replica, Selection, Trial } from './stale-fill-trials.js';
import { childEnvironment } from './start-service.js';

export interface PanelProcessSetup {
  readonly redisUrl: string;
  readonly prefix: string;
  /** Broken on purpose. */
  readonly isUncompared: boolean;
}

export type PanelTask =
  | { readonly do: 'read'; readonly trial: Trial }
  | { readonly do: 'purge'; readonly trial: Trial; readonly by: Selection };

export interface PanelTaskDone {
  readonly reading: Reading;
  readonly isAcknowledged: boolean;
}

/** What the child asks: the value of a name, or nothing, when it has started. */
export type PanelQuestion = { readonly name: string } | { readonly name: null };

/** A process of its own with a DashboardCacheService on a shared Redis, whose database is asked here. */
export class PanelProcess implements Replica {
  readonly #child: ChildProcess;
  readonly #calls: IpcCalls<PanelTask, PanelTaskDone, PanelQuestion, number>;

  private constructor(child: ChildProcess, answerTo: (question: PanelQuestion) => Promise<number>) {
    this.#child = child;
    this.#calls = new IpcCalls(child, answerTo);
  }

  static async start(
    setup: PanelProcessSetup,
    query: (name: string) => Promise<number>,
  ): Promise<PanelProcess> {
    const program = fileURLToPath(new URL('./panel-process-program.ts', import.meta.url));
    const execArgv = ['--import', import.meta.resolve('tsx')];
    const options = { env: childEnvironment(), execArgv, stdio: 'inherit' } as const;
    return new Promise((resolve, reject) => {
      const child = fork(program, [JSON.stringify(setup)], options);
      child.once('exit', (code) => reject(new Error(`The process ended before it had started: ${code}`)));
      const started = new PanelProcess(child, async ({ name }) => {
        if (name !== null) return query(name);
        resolve(started);
        return 0;
      });
    });
  }

  async read(trial: Trial): Promise<Reading> {
    return (await this.#calls.ask({ do: 'read', trial })).reading;
  }

  async purge(trial: Trial, by: Selection): Promise<boolean> {
    return (await this.#calls.ask({ do: 'purge', trial, by })).isAcknowledged;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
