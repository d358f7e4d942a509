"""Office Open XML: Word, Excel and PowerPoint files, read part by part and written anew."""
