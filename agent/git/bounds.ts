/**
 * What one call of git may say and how long it may take. Whatever stands where GitLab stood may talk without end: then
 * a word that comes now and then is no progress.
 */
const megabyte = 1024 * 1024;
const newline = 0x0a;
/** Far more than anybody reads; its end says why git ended. */
const errorKeptBytes = megabyte;

export interface Bounds {
  /** Ends git when it prints nothing for so long. */
  readonly idleMs: number;
  /** Ends it whatever it prints. */
  readonly mostMs: number;
  readonly outBytes: number;
  readonly errorBytes: number;
  /** Of its output more is counted only. Absent: all is kept. */
  readonly keptBytes?: number;
}

/** Our own git on our own objects: a long walk may print for hours. */
export function ownBounds(idleMs: number): Bounds {
  return { idleMs, mostMs: Infinity, outBytes: Infinity, errorBytes: Infinity };
}

/**
 * Where GitLab may say what it likes. A list of refs has a bound of its own. The progress of a push is some hundred
 * bytes a second.
 */
export function strangerBounds(idleMs: number): Bounds {
  return { idleMs, mostMs: 12 * idleMs, outBytes: 64 * megabyte, errorBytes: 16 * megabyte };
}

/**
 * How much longer a list is counted that is too long to be kept, to say how long it is: git itself keeps all of it, and
 * a list may have no end.
 */
const countedTimes = 2;

/** A list of refs: beyond what may be kept it is only counted. */
export function listBounds(bounds: Bounds, keptBytes: number): Bounds {
  return { ...bounds, keptBytes, outBytes: countedTimes * keptBytes };
}

/** All of a stream, or of a longer one how long it is. */
export class Whole {
  private chunks: Buffer[] = [];
  bytes = 0;
  lines = 0;

  constructor(private readonly keptBytes: number) {}

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) this.lines += 1;
    if (this.isCut()) this.chunks = [];
    else this.chunks.push(chunk);
  }

  isCut(): boolean {
    return this.bytes > this.keptBytes;
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
