import { blocks } from "./blocks.js";
import { fill, h } from "./dom.js";
import { act } from "./store.js";
import { tell } from "./toasts.js";

/** The app's Home tab in place of the messages. */
export function showHome(parent, view) {
  if (view === undefined) return fill(parent, h("p", { class: "quiet" }, "Nothing was published here yet."));
  const place = {
    send: async (element, blockId, value) => {
      const input = { viewId: view.id, actionId: element.action_id, blockId };
      return tell(await act("pressInView", value === undefined ? input : { ...input, value }));
    },
  };
  fill(parent, h("div", { class: "home", "data-view-id": view.id }, blocks(view.blocks, place)));
}
