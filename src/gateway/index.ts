/** What `npm run gateway` needs. */
export { reportBug } from "./report.ts";
export { type Gateway, startGateway } from "./server.ts";
export { GATEWAY_USAGE, type GatewaySettings, readGatewaySettings } from "./settings.ts";
