// Every limit of the system by name; reaching one gives a clear Kubernetes Status, never a hang.

const KiB = 1024;
const MiB = 1024 * KiB;

/** One stored object, UTF-8. A row of the platform holds 2 MB; etcd, too, refuses above 1.5 MiB. */
export const OBJECT_BYTES_MAX = 1.5 * MiB;
/** A request body: as the real API server, 3 MiB. */
export const REQUEST_BODY_BYTES_MAX = 3 * MiB;
/** One message between actors. The platform refuses above 32 MiB; ours stay well below. */
export const RPC_BYTES_MAX = 8 * MiB;
/** The same in characters of what is sent: a text travels with two bytes for each of them as soon as one needs it. */
export const RPC_CHARACTERS_MAX = RPC_BYTES_MAX / 2;
/** Operations of one JSON patch (as upstream: apiserver pkg/endpoints/handlers/patch.go). */
export const JSON_PATCH_OPERATIONS_MAX = 10_000;
/**
 * Objects and lists within each other, of a body and of what a patch makes; deeper is refused before anything recurses over it. A real
 * server takes 10,000, which is more than the platform's stack holds: it cannot write such a value down.
 */
export const JSON_DEPTH_MAX = 1000;
/** The same of a body in YAML, whose reader takes more of the stack for each of them. */
export const YAML_DEPTH_MAX = 400;
/** Events kept in memory for watchers that come back; older ones get 410. */
export const WATCH_HISTORY_EVENTS_MAX = 20_000;
export const WATCH_HISTORY_BYTES_MAX = 24 * MiB;
/** Characters of views of its objects that a store remembers for those who ask again. */
export const PROJECTIONS_CHARACTERS_MAX = 24 * MiB;
/** Views that a controller remembers of what stores have answered. */
export const VIEWS_REMEMBERED_MAX = 20_000;
/** Freshly written objects that a store keeps parsed until somebody looks at them. */
export const FRESH_OBJECTS_MAX = 2000;
/** Accept headers whose meaning is remembered, and characters of one: clients choose what they send. */
export const ACCEPTS_REMEMBERED_MAX = 200;
export const ACCEPT_CHARACTERS_MAX = 300;
/** Objects of stores that nobody wrote to, kept in memory by whoever answers for them. */
export const NEWBORN_OBJECTS_MAX = 10_000;
/** Bytes waiting for one watcher before it is closed as too slow. */
export const WATCH_BUFFER_BYTES_MAX = 4 * MiB;
/** Watches open on one store. */
export const WATCHERS_MAX = 30_000;
/** Actions of one plan; the rest comes with the next round. */
export const PLAN_ACTIONS_MAX = 500;
/** Characters of the URL by which a store is asked for an object; longer names, which nothing has, travel otherwise. */
export const OBJECT_URL_CHARACTERS_MAX = 4096;
/** Requests in one call between actors. */
export const BATCH_MAX = 500;
/** Objects, and characters of their texts, that are deleted with one call; the rest of a collection follows. Few: others wait for their turn meanwhile. */
export const COLLECTION_PART_MAX = 64;
export const COLLECTION_CHARACTERS_MAX = 2 * MiB;
/** Bytes of log kept for one container. */
export const CONTAINER_LOG_BYTES_MAX = 1 * MiB;
/** Actors whose use of rows and requests one isolate remembers. */
export const METERED_ACTORS_MAX = 50_000;
/** Actors of one family that `/metrics` shows one by one; more of them are shown as their sum. */
export const METRICS_ACTORS_MAX = 200;
/** Lines of log in one answer, and in one piece of what is followed. */
export const LOG_LINES_MAX = 20_000;
/** Bytes waiting for one follower of a log, besides what it began with, before it is closed as too slow. */
export const LOG_BUFFER_BYTES_MAX = 1 * MiB;
/** Followers of logs on one node, those attached to containers among them; beyond that the one that heard nothing for longest is closed. */
export const LOG_FOLLOWERS_MAX = 1000;
/**
 * How deep calls between actors nest that one request, alarm or timer causes; the simulation counts them. One more is the last: what begins
 * to be kept there is made known to its cluster, once, before it is kept.
 */
export const CALL_DEPTH_MAX = 2;
