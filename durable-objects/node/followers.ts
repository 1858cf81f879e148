// Who follows the logs of running containers. Nobody looks again on the chance of finding something: a feed sleeps until the next
// line that its program is known to write, until somebody stores lines, or until the kubelet has done something with the pod.
import { LOG_FOLLOWERS_MAX, LOG_LINES_MAX } from "../../shared/base/limits.ts";
import type { EpochMs } from "../../shared/base/ports.ts";
import type { LogLine, Program } from "../../shared/sim/image.ts";
import { mergeLines } from "../../shared/sim/logs.ts";
import type { ContainerLook, Kubelet, NodeState, NodeWorld } from "../../shared/sim/node.ts";

/** Where the lines of a container go as they are written. */
export interface Follower {
  /** False when it wants no more; it is dropped then. */
  take(lines: readonly LogLine[]): boolean;
  /** There is nothing more to hear: mostly because the container has ended. */
  end(): void;
}
/** A running container in one of its lives, as whoever wants to follow it has found it. */
export interface Followed {
  readonly uid: string;
  readonly container: string;
  readonly look: ContainerLook;
  readonly world: NodeWorld;
}
interface LivingNode {
  readonly kubelet: Kubelet;
  readonly state: NodeState;
}
export interface FollowerPorts {
  now(): EpochMs;
  /** Calls once, after so many milliseconds; answers how to call it off. */
  after(ms: number, work: () => void): () => void;
  /** The node as it is; undefined while it is silent or has to be loaded anew. */
  node(): LivingNode | undefined;
  /** Stored lines of a container that are written at or after a time. */
  stored(id: string, from: EpochMs): readonly LogLine[];
}
/** Lines that follow one another faster (in milliseconds) are handed out together: a piece of a stream costs more than a line. */
const GATHER_MS = 20;

/** One life of a container with everybody who follows it: its lines are worked out once for all of them. */
class Feed {
  readonly followers = new Set<Follower>();
  readonly followed: Followed;
  /** What its program looks at. */
  world: NodeWorld;
  readonly #ports: FollowerPorts;
  readonly #wake: (feed: Feed) => void;
  #program: Program;
  /** What the program writes before this has been handed out; */
  #from: EpochMs;
  /** what is stored, too, but for these: just told of, or of a time still to come, as a last word after SIGTERM. */
  #ahead: LogLine[] = [];
  #nextAhead = Infinity;
  #nextOwn: EpochMs;
  #spokeAt = -Infinity;
  #due = Infinity;
  #callOff = (): void => {};

  constructor(ports: FollowerPorts, followed: Followed, wake: (feed: Feed) => void) {
    this.#ports = ports;
    this.#wake = wake;
    this.followed = followed;
    this.world = followed.world;
    this.#program = followed.look.program;
    this.#from = ports.now() + 1;
    this.add(ports.stored(followed.look.id, this.#from));
    this.#nextOwn = this.#program.nextLog(this.#from) ?? Infinity;
  }
  /** What comes now is gathered with what comes next. */
  get hasJustSpoken(): boolean {
    return this.#ports.now() < this.#spokeAt + GATHER_MS;
  }
  get from(): EpochMs {
    return this.#from;
  }
  add(lines: readonly LogLine[]): void {
    for (const line of lines) {
      this.#ahead.push(line);
      this.#nextAhead = Math.min(this.#nextAhead, line.at);
    }
  }

  /** What was written up to now and nobody has heard of. `ended`: nothing more will come. */
  catchUp(): { readonly lines: readonly LogLine[]; readonly ended: boolean } {
    const node = this.#ports.node();
    if (!node) return { lines: [], ended: false };
    const now = this.#ports.now();
    const endedAt = this.#endedAt(node.state, now);
    const program = endedAt === undefined ? this.#programOf(node) : this.#program;
    const until = Math.min(now, endedAt ?? now) + 1;
    const lines = mergeLines(this.#ownLines(until), this.#storedLines(until));
    if (program !== this.#program) {
      this.#program = program;
      this.#nextOwn = program.nextLog(this.#from) ?? Infinity;
    }
    if (lines.length > 0) this.#spokeAt = now;
    return { lines, ended: endedAt !== undefined };
  }
  /** Sleeps until the next line that is known of; without a node until it is back. */
  sleep(): void {
    const due = this.#ports.node() ? Math.min(this.#nextOwn, this.#nextAhead) : Infinity;
    if (due === this.#due) return;
    this.rest();
    if (due === Infinity) return;
    this.#due = due;
    this.#callOff = this.#ports.after(Math.max(GATHER_MS, Math.ceil(due - this.#ports.now())), () => {
      this.#due = Infinity;
      this.#wake(this);
    });
  }
  rest(): void {
    this.#callOff();
    this.#due = Infinity;
  }

  /** When the life that is followed has ended; undefined: it goes on. What is gone without a trace ended just now. */
  #endedAt(state: NodeState, now: EpochMs): EpochMs | undefined {
    const { uid, container, look } = this.followed;
    const one = state.pods.get(uid)?.record.containers[container];
    if (one?.id === look.id && one.phase === "running") return undefined;
    return [one?.exit, one?.last].find((ending) => ending?.id === look.id)?.finishedAt ?? now;
  }
  /** May be another than before: a command has left files in the container, or the world has changed. */
  #programOf({ kubelet, state }: LivingNode): Program {
    const { uid, container } = this.followed;
    return kubelet.look(state, uid, container, "current", this.world)?.program ?? this.#program;
  }
  #storedLines(until: EpochMs): readonly LogLine[] {
    if (this.#nextAhead >= until) return [];
    const told = this.#ahead.filter(({ at }) => at < until);
    const ahead = this.#ahead.filter(({ at }) => at >= until);
    this.#ahead = [];
    this.#nextAhead = Infinity;
    this.add(ahead);
    return told;
  }
  #ownLines(until: EpochMs): readonly LogLine[] {
    const from = this.#from;
    this.#from = Math.max(from, until);
    if (this.#nextOwn >= until) return [];
    this.#nextOwn = this.#program.nextLog(this.#from) ?? Infinity;
    return this.#program.logs(from, until, LOG_LINES_MAX);
  }
}

export class Followers {
  readonly #ports: FollowerPorts;
  /** By the id of the container's life. */
  readonly #feeds = new Map<string, Feed>();
  /** Everybody who follows, whoever has heard nothing for longest first. */
  readonly #quiet = new Map<Follower, Feed>();

  constructor(ports: FollowerPorts) {
    this.#ports = ports;
  }
  get count(): number {
    return this.#quiet.size;
  }

  /** From now on a follower hears of every line written at `from` or later, and of older ones that are stored only later. */
  join(followed: Followed, follower: Follower): { readonly from: EpochMs; leave(): void } {
    const { id } = followed.look;
    this.#makeRoom();
    const known = this.#feeds.get(id);
    // What is due goes to those who were here before; whoever joins reads it for himself.
    if (known) this.#handOut(known);
    const feed = this.#feeds.get(id) ?? new Feed(this.#ports, followed, (due) => this.#wake(due));
    this.#feeds.set(id, feed);
    feed.followers.add(follower);
    this.#quiet.set(follower, feed);
    feed.sleep();
    return { from: feed.from, leave: () => this.#drop(follower, feed) };
  }
  /** Lines were stored of a container. Its end, if that is what they tell of, comes with `moved`. */
  stored(id: string, lines: readonly LogLine[]): void {
    const feed = this.#feeds.get(id);
    if (!feed || lines.length === 0) return;
    feed.add(lines);
    if (feed.hasJustSpoken) feed.sleep();
    else this.#handOut(feed);
  }
  /** The kubelet has done something with these pods, in a world that was fetched for them. */
  moved(uids: readonly string[], world: NodeWorld): void {
    for (const feed of this.#feeds.values()) {
      if (!uids.includes(feed.followed.uid)) continue;
      feed.world = world;
      this.#wake(feed);
    }
  }
  /** The node can be asked again: whatever came to pass meanwhile is caught up with. */
  back(): void {
    for (const feed of this.#feeds.values()) this.#wake(feed);
  }

  #wake(feed: Feed): void {
    if (this.#handOut(feed)) for (const follower of feed.followers) this.#end(follower, feed);
  }
  /** True: the container has ended. */
  #handOut(feed: Feed): boolean {
    const { lines, ended } = feed.catchUp();
    feed.sleep();
    for (const follower of lines.length > 0 ? feed.followers : []) {
      const wantsMore = follower.take(lines);
      this.#quiet.delete(follower);
      if (wantsMore) this.#quiet.set(follower, feed);
      else this.#drop(follower, feed);
    }
    return ended;
  }
  /** Most who have heard nothing for long are gone: that a client has left shows with the next line, if one ever comes. */
  #makeRoom(): void {
    for (const [follower, feed] of this.#quiet) {
      if (this.#quiet.size < LOG_FOLLOWERS_MAX) return;
      this.#end(follower, feed);
    }
  }
  #end(follower: Follower, feed: Feed): void {
    this.#drop(follower, feed);
    follower.end();
  }
  #drop(follower: Follower, feed: Feed): void {
    this.#quiet.delete(follower);
    if (!feed.followers.delete(follower) || feed.followers.size > 0) return;
    feed.rest();
    this.#feeds.delete(feed.followed.look.id);
  }
}
