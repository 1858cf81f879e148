// Rests of those who are told much: what comes up meanwhile is gathered, and done together.
import { after, platformPorts } from "../platform/ports.ts";

/** When nothing was heard of for so long, there is no more to be gathered. */
const QUIET_MS = 10;
/** Who is woken so late heard nothing because others had the thread. */
const LATE_MS = 10;

export interface Rest {
  /** Resolves when it has ended: whether because its time is up. */
  readonly over: Promise<boolean>;
  end(): void;
}

export class Rests {
  /** Ends of the rests that last until it is quiet at most. */
  readonly #untilQuiet = new Set<() => void>();
  /** Counts what was heard of. */
  #heard = 0;
  #isListening = false;

  /** Something happened: it is not quiet. */
  heard(): void {
    this.#heard++;
  }

  /** Begins one of so many milliseconds; `untilQuiet`: it ends before when it is quiet. */
  begin(ms: number, { untilQuiet }: { readonly untilQuiet: boolean }): Rest {
    let end = (): void => {};
    const over = new Promise<boolean>((done) => {
      const stop = after(ms, () => {
        this.#untilQuiet.delete(end);
        done(true);
      });
      end = () => {
        stop();
        this.#untilQuiet.delete(end);
        done(false);
      };
    });
    if (untilQuiet) this.#untilQuiet.add(end);
    if (untilQuiet && !this.#isListening) this.#listen();
    return { over, end };
  }

  /** As long as somebody rests. */
  #listen(): void {
    const before = this.#heard;
    const late = platformPorts.now() + QUIET_MS + LATE_MS;
    this.#isListening = true;
    after(QUIET_MS, () => {
      this.#isListening = false;
      if (this.#heard === before && platformPorts.now() < late) for (const end of this.#untilQuiet) end();
      if (this.#untilQuiet.size > 0) this.#listen();
    });
  }
}
