/** One connection for everybody; a lost one is opened again by whoever needs it next. */
import type { ServerSettings } from './address';
import { connect, type Connection } from './ssh';

export interface Pool {
  readonly get: () => Promise<Connection>;
  readonly close: () => void;
}

export function pool(server: ServerSettings): Pool {
  let open: Promise<Connection> | null = null;
  const get = async (): Promise<Connection> => {
    const connection = await (open ??= connect(server));
    if (connection.isOpen()) return connection;
    open = null;
    return get();
  };
  return {
    get: () =>
      get().catch((trouble: unknown) => {
        open = null;
        throw trouble;
      }),
    close: () =>
      void open?.then(
        (connection) => connection.close(),
        () => undefined,
      ),
  };
}
