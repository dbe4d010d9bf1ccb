import { defineConfig } from "@hey-api/openapi-ts";

/** The API as the page speaks it: types and one function a route, made from the description that the server writes. */
export default defineConfig({
  input: "./openapi.json",
  output: { path: "src/api/generated", clean: true },
  plugins: [
    "@hey-api/typescript",
    { name: "@hey-api/sdk", responseStyle: "data" },
    { name: "@hey-api/client-fetch", throwOnError: true },
  ],
});
