/** What `npm run gateway` needs. */
export { reportBug } from "./report.ts";
export { type Gateway, startGateway } from "./server.ts";
export { type GatewaySettings, readGatewaySettings } from "./settings.ts";
