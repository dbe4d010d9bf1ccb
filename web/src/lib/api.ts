/** Sets up the generated client: same host, the anti-forgery header, one kind of error. Import the routes from api/generated. */

import { client } from "../api/generated/client.gen";
import { errorOf, guard, unreachable } from "./http";

/** Call once, before the first request. */
export function setUpApi(): void {
  client.setConfig({ baseUrl: "", throwOnError: true, credentials: "same-origin" });
  client.interceptors.request.use((request) => {
    for (const [name, value] of Object.entries(guard(request.method))) request.headers.set(name, value);
    return request;
  });
  client.interceptors.error.use((error, response, request) => {
    if (error instanceof DOMException) return error;
    return response ? errorOf(response.status, error, request?.url ?? "", response.headers) : unreachable();
  });
}
