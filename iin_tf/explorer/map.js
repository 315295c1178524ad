// Points of a map are chosen by a click, or by the arrow keys and Enter.
const points = () => [...element.querySelectorAll("circle[data-id]")];
const place = (point) => [Number(point.getAttribute("cx")), Number(point.getAttribute("cy"))];
const choose = (point) => trigger("click", { id: point.dataset.id });

function mark(point) {
  points().forEach((one) => one.classList.toggle("chosen", one === point));
  element.querySelector(".here").textContent = point.querySelector("title").textContent;
}

function nearest(from, [dx, dy]) {
  const [x, y] = from ? place(from) : [200, 200];
  let best = null, least = Infinity;
  for (const point of points()) {
    const [px, py] = place(point);
    const along = (px - x) * dx + (py - y) * dy;
    const aside = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
    const cost = along + 2 * aside;
    if (point !== from && along > 0 && cost < least) [best, least] = [point, cost];
  }
  return best;
}

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

element.addEventListener("click", (event) => {
  const point = event.target.closest("circle[data-id]");
  if (point) { mark(point); choose(point); }
});
element.addEventListener("keydown", (event) => {
  if (!event.target.closest("svg")) return;
  const chosen = element.querySelector("circle.chosen");
  if (event.key === "Enter" && chosen) choose(chosen);
  if (!(event.key in WAYS)) return;
  event.preventDefault();
  const point = nearest(chosen, WAYS[event.key]);
  if (point) mark(point);
});
