import { StringDecoder } from 'node:string_decoder';

/** Whole lines, as they come; a character may be cut in two by the network. */
export function splitting(onLine: ((line: string) => void) | undefined): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    const lines = `${rest}${decoder.write(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine?.(line);
  };
}
