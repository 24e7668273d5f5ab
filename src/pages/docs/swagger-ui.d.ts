declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  /** github.com/swagger-api/swagger-ui/blob/master/docs/usage/configuration.md */
  export default function SwaggerUI(configuration: {
    domNode: Element;
    url: string;
    deepLinking: boolean;
    showCommonExtensions: boolean;
    defaultModelsExpandDepth: number;
    syntaxHighlight: { theme: string };
    validatorUrl: null;
  }): void;
}
