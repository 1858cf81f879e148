// A unified diff of two texts, found as Python's difflib finds it, for that is what the API server prints
// (k8s.io/apimachinery pkg/util/diff uses its port to Go).

/** More lines than this are not compared: the search takes quadratic time in bad cases. */
const LINES_MAX = 20_000;
const CONTEXT = 3;
/** Lines that make up more than a hundredth of a long text do not start a match. */
const POPULAR_FROM = 200;

interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}
type Tag = "equal" | "replace" | "delete" | "insert";
interface Step {
  readonly tag: Tag;
  readonly a: readonly [from: number, to: number];
  readonly b: readonly [from: number, to: number];
}

function positions(lines: readonly string[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  lines.forEach((line, i) => {
    const list = found.get(line);
    if (list) list.push(i);
    else found.set(line, [i]);
  });
  if (lines.length < POPULAR_FROM) return found;
  const most = Math.floor(lines.length / 100) + 1;
  for (const [line, list] of found) if (list.length > most) found.delete(line);
  return found;
}

class Matcher {
  readonly a: readonly string[];
  readonly b: readonly string[];
  readonly inB: Map<string, number[]>;
  readonly matches: Match[] = [];
  constructor(a: readonly string[], b: readonly string[]) {
    this.a = a;
    this.b = b;
    this.inB = positions(b);
  }
  longest(aFrom: number, aTo: number, bFrom: number, bTo: number): Match {
    let best = { a: aFrom, b: bFrom, size: 0 };
    let lengths = new Map<number, number>();
    for (let i = aFrom; i < aTo; i++) {
      const next = new Map<number, number>();
      for (const j of this.inB.get(this.a[i] ?? "") ?? []) {
        if (j < bFrom) continue;
        if (j >= bTo) break;
        const size = (lengths.get(j - 1) ?? 0) + 1;
        next.set(j, size);
        if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
      }
      lengths = next;
    }
    // Popular lines start no match but may prolong one.
    while (best.a > aFrom && best.b > bFrom && this.a[best.a - 1] === this.b[best.b - 1]) {
      best = { a: best.a - 1, b: best.b - 1, size: best.size + 1 };
    }
    while (best.a + best.size < aTo && best.b + best.size < bTo && this.a[best.a + best.size] === this.b[best.b + best.size]) {
      best = { ...best, size: best.size + 1 };
    }
    return best;
  }
  search(aFrom: number, aTo: number, bFrom: number, bTo: number): void {
    const match = this.longest(aFrom, aTo, bFrom, bTo);
    if (match.size === 0) return;
    if (aFrom < match.a && bFrom < match.b) this.search(aFrom, match.a, bFrom, match.b);
    this.matches.push(match);
    const [a, b] = [match.a + match.size, match.b + match.size];
    if (a < aTo && b < bTo) this.search(a, aTo, b, bTo);
  }
}

function steps(a: readonly string[], b: readonly string[]): Step[] {
  const matcher = new Matcher(a, b);
  matcher.search(0, a.length, 0, b.length);
  const out: Step[] = [];
  let [i, j] = [0, 0];
  for (const match of [...matcher.matches, { a: a.length, b: b.length, size: 0 }]) {
    const tag = i < match.a ? (j < match.b ? "replace" : "delete") : j < match.b ? "insert" : undefined;
    if (tag) out.push({ tag, a: [i, match.a], b: [j, match.b] });
    [i, j] = [match.a + match.size, match.b + match.size];
    const last = out.at(-1);
    if (match.size === 0) continue;
    if (last?.tag === "equal" && tag === undefined) out[out.length - 1] = { tag: "equal", a: [last.a[0], i], b: [last.b[0], j] };
    else out.push({ tag: "equal", a: [match.a, i], b: [match.b, j] });
  }
  return out;
}

/** Steps cut into hunks with a little of what is equal around them. */
function hunks(all: readonly Step[]): Step[][] {
  const out: Step[][] = [];
  let group: Step[] = [];
  all.forEach((step, n) => {
    let { a, b } = step;
    if (step.tag === "equal") {
      if (n === 0)
        [a, b] = [
          [Math.max(a[0], a[1] - CONTEXT), a[1]],
          [Math.max(b[0], b[1] - CONTEXT), b[1]],
        ];
      if (n === all.length - 1)
        [a, b] = [
          [a[0], Math.min(a[1], a[0] + CONTEXT)],
          [b[0], Math.min(b[1], b[0] + CONTEXT)],
        ];
      else if (n > 0 && a[1] - a[0] > 2 * CONTEXT) {
        group.push({ tag: "equal", a: [a[0], a[0] + CONTEXT], b: [b[0], b[0] + CONTEXT] });
        out.push(group);
        group = [];
        [a, b] = [
          [a[1] - CONTEXT, a[1]],
          [b[1] - CONTEXT, b[1]],
        ];
      }
    }
    group.push({ tag: step.tag, a, b });
  });
  if (group.some(({ tag }) => tag !== "equal")) out.push(group);
  return out;
}
function range(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return `${from + 1}`;
  return `${length === 0 ? from : from + 1},${length}`;
}

/** The diff with three lines of context and no file names; "" when the texts are equal or too long to compare. */
export function unifiedDiff(before: string, after: string): string {
  const a = before.split("\n");
  const b = after.split("\n");
  if (a.length > LINES_MAX || b.length > LINES_MAX) return "";
  const out: string[] = [];
  for (const hunk of hunks(steps(a, b))) {
    const first = hunk[0];
    const last = hunk.at(-1);
    if (!first || !last) continue;
    out.push(`@@ -${range(first.a[0], last.a[1])} +${range(first.b[0], last.b[1])} @@`);
    for (const { tag, a: inA, b: inB } of hunk) {
      if (tag === "equal") out.push(...a.slice(...inA).map((line) => ` ${line}`));
      else out.push(...a.slice(...inA).map((line) => `-${line}`), ...b.slice(...inB).map((line) => `+${line}`));
    }
  }
  return out.map((line) => `${line}\n`).join("");
}
