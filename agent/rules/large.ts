/**
 * Which repositories are too large to be looked at beside all others, and how long one is parked that is too large even
 * for a process of its own. Pure.
 */
import type { PassEnd } from './values';

const megabyte = 1024 * 1024;

/** What one look may read. */
export interface Room {
  /** Bytes of one side's list of refs. */
  readonly listBytes: number;
  /** Bytes of what is on disk about the repository: its packed refs, its journal, its records. */
  readonly fileBytes: number;
}

/**
 * Of a look within the resident, whose heap of 192 MB four of them share: a list takes about twelve times its bytes.
 * That is room for about 25,000 refs.
 */
export const besideOthers: Room = { listBytes: 2 * megabyte, fileBytes: 4 * megabyte };

export const passMegabytesDefault = 1024;

/** Both lists, what was agreed, and what follows from them, where every ref differs. */
const heapPerListByte = 16;

/** Bytes of one side's list of refs that a process of this many MB can work with. */
export function listBytesIn(megabytes: number): number {
  return Math.floor((megabytes * megabyte) / heapPerListByte);
}

/** Rounded up to what a person would type. */
export function megabytesFor(listBytes: number): number {
  const step = 256;
  return Math.ceil((listBytes * heapPerListByte) / megabyte / step) * step;
}

/** A repository whose passes are tried now and then only. */
export interface Parked {
  /** ISO time of the first pass that outgrew its room. */
  readonly since: string;
  /** When it was tried last. */
  readonly tried: PassEnd;
  readonly tries: number;
  /** What `agent.passMegabytes` was then, and the bytes of old's packed refs. */
  readonly megabytes: number;
  readonly packedBytes: number;
  /** What stopped it, for people. */
  readonly message: string;
  readonly next: string;
}

const minuteMs = 60_000;
const againMs = { first: 10 * minuteMs, most: 360 * minuteMs };

/** How long it waits until it is tried again, ms: each time twice as long. */
export function parkedMs({ tries }: Pick<Parked, 'tries'>): number {
  return Math.min(againMs.most, againMs.first * 2 ** Math.min(tries - 1, 16));
}

/** Fewer packed refs by so much may be enough. */
const fallen = 0.9;

/** Whether nothing speaks for another try. What GitLab has only a try can tell. */
export function staysParked(
  parked: Parked,
  now: { readonly sinceTriedMs: number; readonly megabytes: number; readonly packedBytes: number },
): boolean {
  return (
    now.megabytes === parked.megabytes &&
    (parked.packedBytes === 0 || now.packedBytes > parked.packedBytes * fallen) &&
    now.sinceTriedMs < parkedMs(parked)
  );
}
