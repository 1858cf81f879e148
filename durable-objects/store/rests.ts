// Rests of those who are told much: what comes up meanwhile is gathered, and done together.
import { after } from "../platform/ports.ts";

/** When nothing was heard of for so long, there is no more to be gathered. */
const QUIET_MS = 10;

export interface Rest {
  /** Resolves when it has ended. */
  readonly over: Promise<void>;
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
    const over = new Promise<void>((done) => {
      const stop = after(ms, () => end());
      end = () => {
        stop();
        this.#untilQuiet.delete(end);
        done();
      };
    });
    if (untilQuiet) this.#untilQuiet.add(end);
    if (untilQuiet && !this.#isListening) this.#listen();
    return { over, end };
  }

  /** As long as somebody rests. */
  #listen(): void {
    const before = this.#heard;
    this.#isListening = true;
    after(QUIET_MS, () => {
      this.#isListening = false;
      if (this.#heard === before) for (const end of this.#untilQuiet) end();
      if (this.#untilQuiet.size > 0) this.#listen();
    });
  }
}
