// What a store and the API worker say to each other over the socket of a watch, besides the frames (which are binary).

/** The store sends so many pieces of a beginning unasked; each further one when it is asked for. */
export const WATCH_PIECES_AHEAD = 2;
/** The API worker's reader has taken what there was. */
export const WATCH_ASKS = "more";
/** The beginning is complete: nothing has to be asked for any more, or every event would wake the store a second time. */
export const WATCH_BEGUN = "begun";
