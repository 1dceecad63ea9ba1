/** Where the old server is. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Public host keys, `ssh-ed25519 AAAA…` each. */
  readonly hostKeys: readonly string[];
  /** Without one, the keys of the ssh agent are used. */
  readonly privateKeyFile?: string | undefined;
}

export interface ServerSettings extends ServerAddress {
  /** The agent's folder on the server; may begin with `~/`. */
  readonly folder: string;
  /** Node on the server: `auto`, `push`, or a program. */
  readonly node: string;
}

export function address({ host, port, user }: ServerAddress): string {
  return `${user}@${host}:${port}`;
}
