// A recipient and a donor are chosen in a swap grid, by a click or by the sliders, and shown large.
const SIZE = 112;
for (const figure of document.querySelectorAll("figure[data-tiles]")) {
  const at = JSON.parse(figure.dataset.tiles), block = figure.dataset.block;
  const image = figure.querySelector("img"), frame = figure.querySelector(".frame");
  const chosen = { recipient: 1, donor: 1 };
  const last = { recipient: at.rows - 1, donor: at.columns - 1 };

  const ring = frame.appendChild(document.createElement("span"));
  ring.className = "ring";
  const panel = document.createElement("div");
  panel.className = "pick";
  frame.after(panel);
  const sliders = {}, pictures = {};
  for (const role of ["recipient", "donor"]) {
    const label = panel.appendChild(document.createElement("label"));
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", min: 1, max: last[role], value: 1 });
    slider.addEventListener("input", () => choose({ [role]: Number(slider.value) }));
    label.append(role, slider);
    sliders[role] = slider;
  }
  const edited = `with the donor's ${block}`;
  for (const name of ["recipient", "donor", edited]) {
    const one = panel.appendChild(document.createElement("div"));
    const canvas = one.appendChild(document.createElement("canvas"));
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", name === edited ? `recipient ${edited}` : name);
    one.append(name);
    pictures[name] = canvas;
  }

  function draw(canvas, row, column) {
    const { naturalWidth: w, naturalHeight: h } = image;
    canvas.width = SIZE;
    canvas.height = Math.round((SIZE * at.height * h) / (at.width * w));
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    const [x, y] = [at.left + column * at.across, at.top + row * at.down];
    const [from, to] = [[x * w, y * h, at.width * w, at.height * h], [0, 0, SIZE, canvas.height]];
    context.drawImage(image, ...from, ...to);
  }

  function choose(change) {
    Object.assign(chosen, change);
    const [row, column] = [chosen.recipient, chosen.donor];
    const places = [[row, 0], [0, column], [row, column]];
    Object.values(pictures).forEach((canvas, which) => draw(canvas, ...places[which]));
    for (const role of ["recipient", "donor"]) sliders[role].value = chosen[role];
    Object.assign(ring.style, {
      left: `${100 * (at.left + column * at.across)}%`, top: `${100 * (at.top + row * at.down)}%`,
      width: `${100 * at.width}%`, height: `${100 * at.height}%`,
    });
  }

  image.addEventListener("click", (event) => {
    const column = Math.floor((event.offsetX / image.clientWidth - at.left) / at.across);
    const row = Math.floor((event.offsetY / image.clientHeight - at.top) / at.down);
    const change = {};
    if (row >= 1 && row <= last.recipient) change.recipient = row;
    if (column >= 1 && column <= last.donor) change.donor = column;
    choose(change);
  });
  image.decode().then(() => choose({}));
}
