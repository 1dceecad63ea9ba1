/** The body of an answer, as far as its bound: whatever stands where GitLab stood may send without end. */

/** Null where it is longer than `bytesMax`; then the rest is not read. */
export async function bodyWithin(answer: Response, bytesMax: number): Promise<string | null> {
  const { text, isWhole } = await beginning(answer, bytesMax);
  return isWhole ? text : null;
}

/** Its beginning, for a message; empty where it cannot be read. */
export async function bodyStart(answer: Response, bytesMax: number): Promise<string> {
  return beginning(answer, bytesMax).then(
    ({ text }) => text.slice(0, bytesMax),
    () => '',
  );
}

async function beginning(answer: Response, bytesMax: number): Promise<{ text: string; isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the stream, and with it the connection.
  const stream: AsyncIterable<Uint8Array> | readonly Uint8Array[] = answer.body ?? [];
  for await (const chunk of stream) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > bytesMax) break;
  }
  return { text: Buffer.concat(chunks).toString('utf8'), isWhole: bytes <= bytesMax };
}
