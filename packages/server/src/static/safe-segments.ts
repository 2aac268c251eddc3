/** Encoded slashes, backslashes and NUL: no file has them in its name, and every one was used to break out. */
const ENCODED_TRICKS = /%(?:2f|5c|00)/i;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;

export interface SegmentRules {
  readonly dotfiles: boolean;
  readonly platform: NodeJS.Platform;
}

/** Whether the path of a request, as sent, holds an escape that no honest link to a file has. */
export function hasTrickyEscape(rawPath: string): boolean {
  return ENCODED_TRICKS.test(rawPath) || rawPath.includes('\\');
}

/**
 * The names that lead from a folder to a file below it, of a path that was decoded once; null for a path that could lead
 * anywhere else, or to what is not for everybody.
 */
export function safeSegments(path: string, rules: SegmentRules): readonly string[] | null {
  const segments = path.split('/').filter((segment) => segment !== '');
  return segments.every((segment) => isSafe(segment, rules)) ? segments : null;
}

function isSafe(segment: string, { dotfiles, platform }: SegmentRules): boolean {
  if (segment === '.' || segment === '..') return false;
  if (segment.startsWith('.') && !dotfiles) return false;
  if (segment.includes('\0') || segment.includes('\\')) return false;
  if (platform !== 'win32') return true;
  // Streams (`file.txt::$DATA`), drives, names that end in what Windows leaves out, devices.
  return !/[:<>"|?*]|[. ]$/.test(segment) && !WINDOWS_DEVICE.test(segment);
}
