// The URL of a request, taken apart by hand where nothing in it has to be normalized: the rest of what a URL knows is rarely asked for.

/** Path and query made of characters that URL would leave as they are. */
const PLAIN = /^https?:\/\/[\w.-]+(?::\d+)?(\/[\w\-.~!$&'()*+,;=:@%/]*)(\?[\w\-.~!$&()*+,;=:@%/?]*)?$/;
/** Where a segment of dots may be, which URL would take out. */
const MAY_HAVE_DOTS = /\/\.|%2e/i;
const NO_QUERY = new URLSearchParams();

/** What URL says of the same text. */
export class RequestUrl {
  readonly pathname: string;
  /** The query with its `?`; "" where there is none. */
  readonly search: string;
  readonly #text: string;
  #searchParams: URLSearchParams | undefined;

  constructor(text: string) {
    this.#text = text;
    const [, path = "", query = ""] = PLAIN.exec(text) ?? [];
    const { pathname, search } = path === "" || MAY_HAVE_DOTS.test(path) ? new URL(text) : { pathname: path, search: query === "?" ? "" : query };
    this.pathname = pathname;
    this.search = search;
  }

  get isPlainHttp(): boolean {
    return this.#text.startsWith("http:");
  }
  /** Only to be read: requests without a query share it. */
  get searchParams(): URLSearchParams {
    return (this.#searchParams ??= this.search === "" ? NO_QUERY : new URLSearchParams(this.search));
  }
  get origin(): string {
    return new URL(this.#text).origin;
  }
  get host(): string {
    return new URL(this.#text).host;
  }
}
