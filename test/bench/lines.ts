// Cuts the body of a watch into its lines.

const NEWLINE = 10;

/** Answers a consumer of body parts. `line` gets memory that is good until it returns. */
export function byLine(line: (bytes: Buffer, start: number, end: number) => void): (part: Buffer) => void {
  let rest: Buffer[] = [];
  return (part) => {
    let start = 0;
    for (let end = part.indexOf(NEWLINE); end >= 0; end = part.indexOf(NEWLINE, start)) {
      if (rest.length > 0) {
        const whole = Buffer.concat([...rest, part.subarray(0, end)]);
        rest = [];
        line(whole, 0, whole.length);
      } else line(part, start, end);
      start = end + 1;
    }
    if (start < part.length) rest.push(Buffer.from(part.subarray(start)));
  };
}
