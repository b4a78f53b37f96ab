/** An answer of AWS as its SDK has it before it takes it apart. */
interface Answer {
  readonly response: unknown;
}

/**
 * A middleware for the SDK's `deserialize` step, nearest to the wire, that gives an answer's text to `keep` and shows the
 * SDK an empty object instead. The SDK still signs, sends, repeats and translates errors.
 */
export const keepingText =
  (keep: (text: Buffer) => void) =>
  <Arguments, Result extends Answer>(next: (args: Arguments) => Promise<Result>) =>
  async (args: Arguments): Promise<Result> => {
    const result = await next(args);
    const response = result.response as { readonly statusCode: number; body: AsyncIterable<Uint8Array> | Uint8Array };
    if (response.statusCode !== 200) return result;
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) chunks.push(chunk);
    keep(Buffer.concat(chunks));
    response.body = Buffer.from('{}');
    return result;
  };

/** The lowest priority is the nearest to the wire: inside the SDK's own deserializer. */
export const BEFORE_DESERIALIZER = { step: 'deserialize', priority: 'low', name: 'keepText' } as const;
