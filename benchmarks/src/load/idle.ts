import type { IdleWorkload } from '../workload.ts';
import { EchoLoad } from './echo.ts';

/** How many connections are opened at once. */
const AT_ONCE = 100;

/** Connections that stand idle, once each has exchanged a message. */
export class IdleLoad {
  readonly #loads: EchoLoad[] = [];

  static async open(
    url: URL,
    { connections, deflated }: IdleWorkload,
    raw: boolean,
  ): Promise<IdleLoad> {
    const idle = new IdleLoad();
    for (let open = 0; open < connections; open += AT_ONCE) {
      const load = await EchoLoad.open(
        url,
        {
          kind: 'echo',
          name: '',
          bytes: 1_024,
          connections: AT_ONCE,
          depth: 1,
          payload: deflated ? 'deflated' : 'binary',
        },
        raw,
      );
      // One message each: no time is left for a second.
      await load.run(0);
      idle.#loads.push(load);
    }
    return idle;
  }

  close(): void {
    for (const load of this.#loads) load.close();
  }
}
