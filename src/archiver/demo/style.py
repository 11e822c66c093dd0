"""The style sheets of the portal. One imports the other, and names a picture."""

STYLE_SHEETS = {
    "portal.css": """
@import url("paging.css");
body{margin:0;font:15px/1.5 Arial,Helvetica,sans-serif;background:#eef1f4;color:#222}
#top{background:#b3141c url(../PublishingImages/hoa-sen.png) no-repeat right;color:#ffe9a8;
padding:18px 28px}#top h1{margin:0;font-size:24px}#top small{color:#fff}.menu{background:#8d0f16;padding:0 20px}.menu a{color:#fff;
display:inline-block;padding:8px 9px;text-decoration:none;font-size:13px}#page{display:flex;gap:20px;max-width:1120px;margin:16px auto}
#content{flex:1;background:#fff;padding:20px 26px;border:1px solid #d8dde3}#sidebar{width:280px;font-size:13px}#sidebar .box{background:#fff;
border:1px solid #d8dde3;margin-bottom:14px;padding:0 12px 8px}#sidebar h4{margin:0 -12px 8px;background:#b3141c;color:#fff;padding:6px 12px;
font-size:13px}#sidebar ul{margin:0;padding-left:16px}h3.tieude,h1.article-title{color:#8d0f16;font-size:21px;line-height:1.3}
.chuyenmuc-ngay{color:#777;font-size:13px}.sapo{font-weight:bold}.caption{font-style:italic;color:#555;text-align:center}
.noidung img,.article-body img{display:block;margin:0 auto;max-width:100%}.luotxem{color:#777;font-size:13px;border-top:1px solid #ddd;
padding-top:6px}.visitors span{display:inline-block;background:#222;color:#ff0;padding:1px 4px;margin:1px;font-family:monospace}
#foot{background:#444;color:#ddd;padding:14px 28px;font-size:12px}
""",
    "paging.css": """
.paging a,.paging b{padding:2px 7px;border:1px solid #ccc;margin-right:3px}
""",
}
"""The texts by file name."""
