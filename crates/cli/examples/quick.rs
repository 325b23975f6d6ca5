use std::time::Instant;
use std::io::Read;
fn main(){
  let mut s=String::new();
  flate2::read::MultiGzDecoder::new(std::fs::File::open("../shared/conformance/wild.jsonl.gz").unwrap()).read_to_string(&mut s).unwrap();
  let files:Vec<String>=s.lines().map(|l|{let v:serde_json::Value=serde_json::from_str(l).unwrap(); v["text"].as_str().unwrap_or("").to_string()}).collect();
  let bytes:usize=files.iter().map(|f|f.len()).sum();
  for _ in 0..5{
    let t=Instant::now(); let mut n=0;
    for _ in 0..20 { for f in &files { n+=stagecraft_engine::syntax::parse(f).instructions().len(); } }
    let e=t.elapsed()/20;
    println!("{} files {} instr {:?} per file {:?} {} MB/s",files.len(),n/20,e,e/files.len() as u32, bytes as f64/e.as_secs_f64()/1e6);
  }
}
