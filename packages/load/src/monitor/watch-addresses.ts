/** Number of a process; null for anything else. */
export function readPid(text: string | number): number | null {
  const pid = Number(text);
  return /^\d+$/.test(String(text)) && pid > 0 && pid <= 2 ** 31 ? pid : null;
}

/** A whole http address; null for anything else. */
export function readMetricsUrl(text: string): string | null {
  return URL.canParse(text) && /^https?:\/\//i.test(text) ? text : null;
}

/** `host:port` of a Node inspector, a port alone being one of this machine; null for anything else. */
export function readInspector(text: string | number): string | null {
  const address = /^\d+$/.test(String(text)) ? `127.0.0.1:${text}` : String(text);
  const port = /^[^\s/@:]+:(\d{1,5})$|^\[[\da-f:]+\]:(\d{1,5})$/i.exec(address);
  return port !== null && Number(port[1] ?? port[2]) <= 65_535 ? address : null;
}
