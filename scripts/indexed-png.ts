import { crc32, deflateSync } from 'node:zlib';

/** A picture's pixels, row by row, each as red, green, blue and alpha. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * An opaque picture as PNG with a palette: a third of the size that a browser's screenshot has.
 *
 * The 256 most frequent colours stay; every other becomes the nearest of them. Of drawings, those are the edges of letters.
 */
export function indexedPng({ width, height, data }: Pixels): Uint8Array {
  const colours = Array.from(
    { length: width * height },
    (_, pixel) => (data[pixel * 4]! << 16) | (data[pixel * 4 + 1]! << 8) | data[pixel * 4 + 2]!,
  );
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette = [...counts].toSorted(([, a], [, b]) => b - a).map(([colour]) => colour);
  palette.length = Math.min(palette.length, MOST_COLOURS);
  const indices = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, colour)]));
  // Each row begins with a byte that says how it is filtered: not at all.
  const rows = Buffer.alloc(height * (width + 1));
  for (const [pixel, colour] of colours.entries()) rows[pixel + Math.floor(pixel / width) + 1] = indices.get(colour)!;
  return pngOf(width, height, palette, rows);
}

const MOST_COLOURS = 256;

const nearest = (palette: readonly number[], colour: number): number =>
  palette.reduce(
    (best, other, index) => (distance(other, colour) < distance(palette[best]!, colour) ? index : best),
    0,
  );

const distance = (a: number, b: number): number =>
  [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0);

function pngOf(width: number, height: number, palette: readonly number[], rows: Buffer): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, which are an index into the palette.
  header.set([8, 3], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
