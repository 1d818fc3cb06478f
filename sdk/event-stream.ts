/** One event of a stream as it is on the wire: its data is text. */
export type StreamEvent = { id: string; event: string; data: string };

/** Events of a server (the HTML standard's `text/event-stream`) as they come. What is cut off in the middle is left out. */
export async function* readEventStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = readBlock(block);
      if (event !== null) yield event;
    }
  }
}

/** Null for a comment, which only keeps the connection open. */
function readBlock(block: string): StreamEvent | null {
  const fields = { id: "", event: "message", data: [] as string[] };
  for (const line of block.split(/\r?\n/)) {
    const [, name, value = ""] = /^([^:]+):? ?(.*)$/.exec(line) ?? [];
    if (name === "data") fields.data.push(value);
    else if (name === "id" || name === "event") fields[name] = value;
  }
  return fields.data.length === 0 ? null : { ...fields, data: fields.data.join("\n") };
}
