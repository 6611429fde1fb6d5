import { WriteStream } from 'node:tty';

/** @internal Whether to write in colours: as Node does, `FORCE_COLOR` above all, also where no terminal is. */
export function isColored(stream: NodeJS.WriteStream): boolean {
  // Knows NO_COLOR and terminals without colours, too.
  if (process.env['FORCE_COLOR'] !== undefined) {
    return WriteStream.prototype.getColorDepth.call(stream) > 2;
  }
  return stream.isTTY && stream.hasColors();
}
