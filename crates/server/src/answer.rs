//! The answer to a request.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Method, Request, Response, StatusCode};

use crate::request::{Encoding, file_path};
use crate::{Site, media_type};

/// What is sent.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Answers a request; for HEAD, hyper leaves out the body.
pub(crate) async fn answer<B>(site: &impl Site, request: &Request<B>) -> Answer {
    let path = file_path(request.uri().path());
    let path = path.as_deref();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut answer = missing(site, StatusCode::METHOD_NOT_ALLOWED);
        set(&mut answer, ALLOW, "GET, HEAD");
        return answer;
    }
    let query = request.uri().query().unwrap_or_default();
    if let Some(text) = path.and_then(|path| site.later(path, query)) {
        return found(site, media_type(".txt"), text.await.into());
    }
    let Some((path, bytes)) = path.and_then(|path| Some((path, site.file(path)?))) else {
        return missing(site, StatusCode::NOT_FOUND);
    };
    let mut encodings = Encoding::ALL
        .into_iter()
        .filter(|encoding| accepts(request.headers(), *encoding));
    let packed = encodings.find_map(|encoding| Some((encoding, site.packed(path, encoding)?)));
    let (encoding, bytes) = match packed {
        Some((encoding, bytes)) => (Some(encoding), bytes),
        None => (None, bytes),
    };
    let mut answer = found(site, media_type(path), bytes);
    set(&mut answer, VARY, "Accept-Encoding");
    if let Some(encoding) = encoding {
        set(&mut answer, CONTENT_ENCODING, encoding.name());
    }
    answer
}

fn accepts(headers: &HeaderMap, encoding: Encoding) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| encoding.is_in(value))
}

fn found(site: &impl Site, kind: &'static str, bytes: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(bytes));
    set(&mut answer, CONTENT_TYPE, kind);
    set(&mut answer, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(&mut answer, CACHE_CONTROL, site.caching());
    answer
}

/// The site's own page for what is not there, else a word.
fn missing(site: &impl Site, status: StatusCode) -> Answer {
    const PAGE: &str = "404.html";
    let mut answer = match site.file(PAGE) {
        Some(page) => found(site, media_type(PAGE), page),
        None => found(site, media_type(".txt"), Bytes::from_static(b"not found\n")),
    };
    *answer.status_mut() = status;
    answer
}

fn set(answer: &mut Answer, name: HeaderName, value: &'static str) {
    let headers = answer.headers_mut();
    headers.insert(name, HeaderValue::from_static(value));
}
