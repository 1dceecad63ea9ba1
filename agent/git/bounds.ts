/**
 * What one call of git may say and how long it may take. Whatever stands where GitLab stood may talk without end: then
 * a word that comes now and then is no progress.
 */
const megabyte = 1024 * 1024;
/** Far more than anybody reads; its end says why git ended. */
const errorKeptBytes = megabyte;

export interface Bounds {
  /** Ends git when it prints nothing for so long. */
  readonly idleMs: number;
  /** Ends it whatever it prints. */
  readonly mostMs: number;
  readonly outBytes: number;
  readonly errorBytes: number;
}

/** Our own git on our own objects: a long walk may print for hours. */
export function ownBounds(idleMs: number): Bounds {
  return { idleMs, mostMs: Infinity, outBytes: Infinity, errorBytes: Infinity };
}

/**
 * Where GitLab may say what it likes. git lists a ref in a hundred bytes: that is room for over half a million, while
 * the resident lives with so many. The progress of a push is some hundred bytes a second.
 */
export function strangerBounds(idleMs: number): Bounds {
  return { idleMs, mostMs: 12 * idleMs, outBytes: 64 * megabyte, errorBytes: 16 * megabyte };
}

/** All of a stream, as long as its bound holds. */
export class Whole {
  private readonly chunks: Buffer[] = [];
  bytes = 0;

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.chunks.push(chunk);
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }
}

/** The end of a stream, however much there was of it. */
export class Tail {
  private kept: Buffer[] = [];
  private held = 0;
  bytes = 0;

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.held += chunk.length;
    this.kept.push(chunk);
    if (this.held > 2 * errorKeptBytes) this.shorten();
  }

  text(): string {
    this.shorten();
    return Buffer.concat(this.kept).toString('latin1');
  }

  private shorten(): void {
    if (this.held <= errorKeptBytes) return;
    this.kept = [Buffer.from(Buffer.concat(this.kept).subarray(-errorKeptBytes))];
    this.held = errorKeptBytes;
  }
}
