/** Reads a JSON body of at most so many bytes. Throws an Error that says what was wrong, without the body. */
export async function readBoundedJson(response: Response, maxBytes: number): Promise<unknown> {
  if (!response.ok) throw new Error(`it answered ${response.status}`);
  if (response.body === null) throw new Error("it answered nothing");
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest of the body.
    if (size > maxBytes) throw new Error(`it answered more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Error("its answer is no JSON");
  }
}
