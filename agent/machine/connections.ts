/** Connections of strangers: a bound on how many are held, which slow ones cannot use to keep others out. */
import type { Socket } from 'node:net';

/** Of more than `most` the one that is held for longest goes. Answers how to hold this one no longer. */
export function keepNewest(held: Set<Socket>, socket: Socket, most: number): () => void {
  const leave = (): void => void held.delete(socket);
  held.add(socket);
  socket.once('close', leave);
  const [oldest] = held;
  if (held.size > most) oldest?.destroy();
  return leave;
}
