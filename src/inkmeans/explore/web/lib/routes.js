// @ts-check
/** The pages and their addresses. */

/**
 * @typedef {object} Route
 * @property {string} name also the address, behind a slash
 * @property {string} title
 * @property {"nothing" | "images" | "run" | "map"} needs what must be there before it is shown
 */

/** @type {readonly Route[]} */
export const ROUTES = Object.freeze([
  { name: "data", title: "Data", needs: "nothing" },
  { name: "cluster", title: "Cluster", needs: "images" },
  { name: "explore", title: "Explore", needs: "map" },
  { name: "label", title: "Label", needs: "run" },
  { name: "recognize", title: "Recognize", needs: "run" },
  { name: "compare", title: "Compare", needs: "run" },
  { name: "learn", title: "Learn", needs: "images" },
]);

/** @param {string} path @returns {Route} that of an address; Explore where it is none of ours */
export function routeOf(path) {
  const name = path.replace(/^\/+|\/+$/g, "");
  return ROUTES.find((route) => route.name === name) ?? ROUTES[2];
}
