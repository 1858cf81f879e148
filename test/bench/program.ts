// What every program of this folder begins and ends with.

export const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs `main` to its end and ends the process, whatever is still open; an error is printed. Ctrl-C lets go of what was started, too. */
export function program(main: () => Promise<void>): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
}
