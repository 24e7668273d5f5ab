/** The API reference: /openapi.json, as Swagger UI renders it. */
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import { nameSelects } from "./names.ts";

const page = document.getElementById("reference") as HTMLElement;

const dark = matchMedia("(prefers-color-scheme: dark)");
const followScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followScheme);
followScheme();

nameSelects(page);
SwaggerUI({
  domNode: page,
  url: "/openapi.json",
  deepLinking: true,
  // The constraints of parameters, and of bodies a folded list of their schemas.
  showCommonExtensions: true,
  defaultModelsExpandDepth: 0,
  // The one before it in the list of themes has numbers that are hard to read.
  syntaxHighlight: { theme: "obsidian" },
  // It would send the document to a server of Swagger's.
  validatorUrl: null,
});
