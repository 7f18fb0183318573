// @ts-check
/** @param {HTMLElement} root @param {import("../../app.js").App} app */
export function mount(root, app) { root.textContent = "…"; return { ready: Promise.resolve(app), unmount() {} }; }
