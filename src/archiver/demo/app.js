// The script of the single-page demo portal: it reads the address, fetches JSON, and makes the page.
"use strict";

const MONTHS = ["Một", "Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Mười", "Mười Một", "Mười Hai"];
const app = document.getElementById("app");
let navigation = 0;

const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const linked = ({ url, title }, attributes = "") => `<a ${attributes} href="${escaped(url)}">${escaped(title)}</a>`;
const headlines = (items) => items.map((item) => `<li>${linked(item)}</li>`).join("\n");

// "2022-10-21T15:55:00+07:00", the portal's own time, as it prints it: 21 Tháng Mười 2022 3:55:00 CH
function printed(moment) {
  const [, year, month, day, hour, rest] = moment.match(/(\d+)-(\d+)-(\d+)T(\d+):(\d+:\d+)/);
  return `${+day} Tháng ${MONTHS[month - 1]} ${year} ${hour % 12 || 12}:${rest} ${hour < 12 ? "SA" : "CH"}`;
}

// The count of readers, in a shadow root of its own.
customElements.define("view-count", class extends HTMLElement {
  connectedCallback() {
    const count = this.getAttribute("value").replace(/\B(?=(\d{3})+$)/g, ".");
    this.attachShadow({ mode: "open" }).innerHTML = `Số lượt người xem: <b>${count}</b>`;
  }
});

async function load(address) {
  const answer = await fetch(address);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

async function article(query) {
  const found = await load(`/api/articles/${encodeURIComponent(query.get("itemid"))}.json`);
  return found && { title: found.title, html: `
    <div class="chuyenmuc-ngay"><span class="chuyenmuc">${escaped(found.section)}</span> <span class="ngay">${printed(found.published)}</span></div>
    <h3 class="tieude">${escaped(found.title)}</h3>
    <div class="sapo">${escaped(found.summary)}</div>
    <div class="noidung">${found.body}</div>
    <view-count class="luotxem" value="${found.views}"></view-count>` };
}

const rows = (items) => items.map((item) => `
  <li>${linked(item, 'class="title"')} <span class="date">${item.published.slice(0, 10).split("-").reverse().join("/")}</span></li>`).join("");

const listingPage = (path, number) => load(`/api/articles.json?list=${encodeURIComponent(path)}&page=${number}`);

async function listing(query, path) {
  const first = await listingPage(path, 1);
  const more = first.pages > 1 ? `<button type="button" class="more" data-list="${path}" data-page="2">Xem tiếp</button>` : "";
  return { title: first.name, html: `<h2>${escaped(first.name)}</h2><ul class="list">${rows(first.items)}</ul>${more}` };
}

async function showMore(button) {
  button.disabled = true;
  const number = Number(button.dataset.page);
  const next = await listingPage(button.dataset.list, number);
  button.previousElementSibling.insertAdjacentHTML("beforeend", rows(next.items));
  button.dataset.page = number + 1;
  button.disabled = false;
  if (number >= next.pages) button.remove();
}

const ROUTES = {
  "/tintuc/lists/posts/post.aspx": article,
  "/tintuc/default.aspx": listing,
  "/thongbao/default.aspx": listing,
};
const MISSING = `<div class="missing"><h3>Thông báo</h3><p>Bài viết không tồn tại hoặc đã bị gỡ bỏ.</p></div>`;

const page = (site, main) => `
  <div id="top"><h1>${escaped(site.title)}</h1><small>Ủy ban nhân dân Quận Hoa Sen</small></div>
  <div class="menu">${site.menu.map((title, n) => linked({ url: `/tintuc/default.aspx?Menu=${n}`, title })).join("\n")}</div>
  <div id="page">
    <div id="content">${main}</div>
    <div id="sidebar">
      <div class="box visitors"><h4>SỐ LƯỢT TRUY CẬP</h4>
        ${String(site.visitors).padStart(8, "0").replace(/./g, "<span>$&</span>\n")}</div>
      <div class="box"><h4>TIN MỚI HƠN</h4><ul>${headlines(site.newer)}</ul></div>
      <div class="box"><h4>TIN ĐÃ ĐƯA</h4><ul>${headlines(site.older)}</ul></div>
    </div>
  </div>
  <div id="foot">Địa chỉ: 270 đường Hoa Sen, phường Bình Minh. Ghi rõ nguồn khi sử dụng lại thông tin.</div>`;

// Make the page of the present address. A later navigation overtakes one that is still loading.
async function show() {
  const mine = ++navigation;
  app.textContent = "Đang tải…";
  const path = location.pathname.toLowerCase();
  const route = ROUTES[path] ?? (() => null);
  const [site, main] = await Promise.all([load("/api/site.json"), route(new URLSearchParams(location.search.toLowerCase()), path)]);
  if (mine !== navigation) return;
  document.title = main ? `${main.title} - ${site.title}` : site.title;
  app.innerHTML = page(site, main ? main.html : MISSING);
}

function failed(error) {
  app.textContent = `Không tải được trang: ${error.message}`;
}

addEventListener("popstate", () => show().catch(failed));
document.addEventListener("click", (event) => {
  if (event.target.matches(".more")) showMore(event.target).catch(failed);
  const link = event.target.closest("a[href]");
  if (!link || link.origin !== location.origin || !(link.pathname.toLowerCase() in ROUTES) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  show().catch(failed);
});
show().catch(failed);
