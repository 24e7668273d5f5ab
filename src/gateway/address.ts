/** Whom a connection is counted for: its IPv4 address, or the /64 that its IPv6 address is in. */
export function hostOf(address: string): string {
  if (!address.includes(":")) {
    return address;
  }
  const ipv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (ipv4 !== undefined) {
    return ipv4;
  }
  const [head = "", tail] = address.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail === undefined ? [] : tail.split(":");
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}
